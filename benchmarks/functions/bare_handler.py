"""An event of the HTTP API becomes a request to Django."""

from apig_wsgi import make_lambda_handler
from django.core.wsgi import get_wsgi_application

handler = make_lambda_handler(get_wsgi_application())
